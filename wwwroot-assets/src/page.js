// Small browser duties that components cannot do over the circuit.

const token = () => document.querySelector('meta[name="request-token"]').content;

// Browsers keep navigator.clipboard and crypto.randomUUID from pages that come over plain http from another machine.
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const focused = document.activeElement, field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true });
  field.style.cssText = 'position: fixed; opacity: 0';
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  focused?.focus();
  if (!copied) throw new Error('The browser did not let the page copy.');
}

const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** Saves a text as a file. */
export function download(name, type, text) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

// Sends files piece by piece: each piece says where it belongs, so a broken connection, or the same file chosen again after a reload,
// goes on where it was. Resolves to { id, names } with the names by input, or { error } or { cancelled }.
export async function uploadFiles(inputs, component) {
  stopped = new AbortController();
  const { signal } = stopped;
  const chosen = inputs.map(input => [...input.files]);
  const main = chosen[0][0];
  if (!main) return { error: 'Choose a file to upload.' };
  const key = `upload:${main.name}:${main.size}:${main.lastModified}`;
  const id = remembered(key) ?? newId();
  remember(key, id);
  const total = chosen.flat().reduce((sum, file) => sum + file.size, 0);
  let before = 0;
  try {
    for (const file of chosen.flat()) {
      await uploadFile(id, file, signal, offset => component.invokeMethodAsync('Uploaded', (before + offset) / Math.max(1, total)));
      before += file.size;
    }
    return { id, names: chosen.map(files => files.map(safeName)) };
  } catch (error) {
    return signal.aborted ? { cancelled: true } : { error: error.message };
  }
}

export function cancelUpload() {
  stopped?.abort();
}

const pieceBytes = 4 << 20;
const longestWait = 30_000;
let stopped = null;

const safeName = file => file.name.replace(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^[.\s]+/, '').slice(-120) || 'upload';

async function uploadFile(id, file, signal, progress) {
  const address = `api/uploads/${id}/${encodeURIComponent(safeName(file))}`;
  let offset = (await answerOf(address, { signal })).offset;
  if (offset > file.size) throw new Error(`Another file named ${file.name} is half uploaded; rename this one.`);
  progress(offset);
  for (let failures = 0; offset < file.size || file.size === 0;) {
    try {
      const body = file.slice(offset, offset + pieceBytes);
      const answer = await answerOf(`${address}?offset=${offset}`, { method: 'PUT', body, signal, headers: { RequestVerificationToken: token() } });
      offset = answer.offset;
      failures = 0;
      progress(offset);
      if (file.size === 0) return;
    } catch (error) {
      if (signal.aborted || error.final) throw error;
      const wait = 500 * 2 ** failures++;
      if (wait > longestWait) throw new Error('The connection broke during the upload; check that EcgPeft is still running and choose the same file again: it goes on where it was.');
      await new Promise(resolve => setTimeout(resolve, wait));
      offset = (await answerOf(address, { signal }).catch(() => ({ offset }))).offset;
    }
  }
}

async function answerOf(address, request) {
  const response = await fetch(address, request);
  let answer = null;
  try { answer = await response.json(); } catch { /* not ours, for example an empty 403 */ }
  if (response.ok && answer) return answer;
  const error = new Error(answer?.error ?? `The server answered with status ${response.status}; reload the page and try again.`);
  error.final = response.status < 500;
  throw error;
}

function remembered(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function remember(key, id) {
  try { localStorage.setItem(key, id); } catch { /* a browser that keeps nothing cannot go on after a reload */ }
}
