// First administrator: sends the one-time code, a name and a password to the REST API. The code may come in the page's
// fragment, which browsers never send to a server.
const form = document.getElementById('setup');
const message = document.getElementById('message');
const code = new URLSearchParams(location.hash.slice(1)).get('code');
if (code) {
  form.elements.code.value = code;
  history.replaceState(null, '', location.pathname);
}

function say(text, bad) {
  message.textContent = text;
  message.className = bad ? 'bad' : '';
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  say('Creating…', false);
  const fields = form.elements;
  try {
    const answer = await fetch('/api/v1/bootstrap', {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({code: fields.code.value.trim(), username: fields.username.value, password: fields.password.value}),
    });
    const body = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok) {
      const details = (body.errors || []).map((error) => error.detail).join('; ');
      say(`${body.title || 'Refused'}${details ? `: ${details}` : ''}`, true);
      return;
    }
    form.hidden = true;
    say(`Administrator “${fields.username.value}” exists now. Log in at ${location.origin}/login, or use the command “bulkhead” on the server.`, false);
  } catch (error) {
    say('The panel does not answer. Look at: systemctl status bulkhead-api', true);
  } finally {
    button.disabled = false;
    fields.password.value = '';
  }
});
