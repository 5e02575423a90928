// Logs in by a one-time link (the token is the page's fragment) or by name and password, and shows what is there. The session lives
// in this page only.
const message = document.getElementById('message');
const form = document.getElementById('login');

async function ask(method, path, body, token) {
  const headers = {'Accept': 'application/json'};
  if (body) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, {method, headers, body: body ? JSON.stringify(body) : undefined});
  const value = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw new Error(value.detail || value.title || `status ${answer.status}`);
  return value;
}

function fill(table, rows) {
  const body = document.querySelector(`#${table} tbody`);
  for (const cells of rows.length ? rows : [['none yet']]) {
    const row = body.insertRow();
    for (const text of cells) row.insertCell().textContent = text ?? '–';  // never as markup
  }
}

function say(text, bad) {
  message.textContent = text;
  message.className = bad ? 'bad' : '';
}

async function show(session) {
  const [accounts, jobs] = await Promise.all([
    ask('GET', '/api/v1/accounts?limit=50', null, session.token),
    ask('GET', '/api/v1/jobs?limit=10', null, session.token),
  ]);
  fill('accounts', accounts.data.map((item) => [item.username, item.state, item.plan, item.uid, item.created_at]));
  fill('jobs', jobs.data.map((item) => [item.kind, item.state, item.actor, item.created_at]));
  form.hidden = true;
  say(`Logged in as ${session.username} (${session.role}). The session ends with this page.`, false);
  document.getElementById('overview').hidden = false;
}

function askWho(text, bad) {
  say(text, bad);
  form.hidden = false;
  form.elements.username.focus();
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  const {username, password} = form.elements;
  button.disabled = true;
  try {
    await show(await ask('POST', '/api/v1/sessions', {username: username.value, password: password.value}));
  } catch (problem) {
    say(problem.message, true);
  } finally {
    button.disabled = false;
    password.value = '';
  }
});

const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);
if (token) {
  ask('POST', '/api/v1/sessions/link', {token}).then(show).catch((problem) => askWho(`${problem.message}; log in with your password`, true));
} else {
  askWho('Log in, or open a one-time link. On the server: bulkhead login-link create', false);
}
