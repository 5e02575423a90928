// Logs in by a one-time link (the token is the page's fragment) or by name and password, asks for the code of a second factor when the
// panel wants one, sets a password by a reset code, and shows what is there. The session lives in this page only.
const message = document.getElementById('message');
const form = document.getElementById('login');
const resetForm = document.getElementById('reset');
const codeLabel = document.getElementById('ask-code');
let linkToken = '';  // of a one-time link that waits for its code

async function ask(method, path, body, token) {
  const headers = {'Accept': 'application/json'};
  if (body) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, {method, headers, body: body ? JSON.stringify(body) : undefined});
  const value = answer.status === 204 ? {} : await answer.json();
  if (answer.ok) return value;
  const problem = new Error(value.detail || value.title || `status ${answer.status}`);
  problem.code = value.code;
  throw problem;
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

// The password, or the link, was right: the same again with a code.
function askCode() {
  codeLabel.hidden = false;
  form.hidden = false;
  for (const name of ['username', 'password']) {
    form.elements[name].required = !linkToken;
    form.elements[name].parentElement.hidden = Boolean(linkToken);
  }
  form.elements.code.required = true;
  say('Type the code of your authenticator app, or a backup code.', false);
  form.elements.code.focus();
}

function credentials() {
  const {username, password, code} = form.elements;
  const body = linkToken ? {token: linkToken} : {username: username.value, password: password.value};
  if (!codeLabel.hidden) body.code = code.value.trim();
  return body;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  let wanted = false;
  try {
    await show(await ask('POST', linkToken ? '/api/v1/sessions/link' : '/api/v1/sessions', credentials()));
  } catch (problem) {
    wanted = problem.code === 'second_factor_required';
    if (wanted) askCode();
    else say(problem.message, true);
  } finally {
    button.disabled = false;
    form.elements.code.value = '';
    if (!wanted) form.elements.password.value = '';
  }
});

resetForm.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = resetForm.querySelector('button');
  const {wanted} = resetForm.elements;
  button.disabled = true;
  try {
    await ask('POST', '/api/v1/password-resets', {token: fragment.get('reset'), new_password: wanted.value});
    resetForm.hidden = true;
    askWho('The password is set; every session and token of before is over. Log in with it.', false);
  } catch (problem) {
    say(problem.message, true);
  } finally {
    button.disabled = false;
    wanted.value = '';
  }
});

const fragment = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, '', location.pathname);
if (fragment.get('reset')) {
  say('Choose another password. This link works once and for fifteen minutes.', false);
  resetForm.hidden = false;
  resetForm.elements.wanted.focus();
} else if (fragment.get('token')) {
  const token = fragment.get('token');
  ask('POST', '/api/v1/sessions/link', {token}).then(show).catch((problem) => {
    if (problem.code !== 'second_factor_required') return askWho(`${problem.message}; log in with your password`, true);
    linkToken = token;
    askCode();
  });
} else {
  askWho('Log in, or open a one-time link. On the server: bulkhead login-link create', false);
}
