// One-time login link: exchanges the token of the fragment for a session, and shows what is there. The session lives in this page only.
const message = document.getElementById('message');

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

async function enter() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname);
  if (!token) throw new Error('This page needs a one-time link. On the server: bulkhead login-link create');
  const session = await ask('POST', '/api/v1/sessions/link', {token});
  const [accounts, jobs] = await Promise.all([
    ask('GET', '/api/v1/accounts?limit=50', null, session.token),
    ask('GET', '/api/v1/jobs?limit=10', null, session.token),
  ]);
  fill('accounts', accounts.data.map((item) => [item.username, item.state, item.plan, item.uid, item.created_at]));
  fill('jobs', jobs.data.map((item) => [item.kind, item.state, item.actor, item.created_at]));
  message.textContent = `Logged in as ${session.username} (${session.role}). The session ends with this page.`;
  document.getElementById('overview').hidden = false;
}

enter().catch((problem) => {
  message.textContent = problem.message;
  message.className = 'bad';
});
