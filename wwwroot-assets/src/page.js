// Small browser duties that components cannot do over the circuit.

const token = () => document.querySelector('meta[name="request-token"]').content;
const running = new WeakMap();

export async function copy(text) {
  await navigator.clipboard.writeText(text);
}

export function fileName(input) {
  return input.files[0]?.name ?? null;
}

// Sends files straight to disk by HTTP; the circuit carries progress only. Resolves to { id } or { error, row, column }.
export function upload(fileInput, groupsInput, fields, component) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== null && value !== '') form.append(name, value);
  if (groupsInput.files[0]) form.append('groups', groupsInput.files[0]);
  form.append('file', fileInput.files[0]);

  return new Promise(resolve => {
    const request = new XMLHttpRequest();
    running.set(fileInput, request);
    request.open('POST', 'api/datasets');
    request.setRequestHeader('RequestVerificationToken', token());
    let last = 0;
    request.upload.onprogress = e => {
      if (!e.lengthComputable || (performance.now() - last < 200 && e.loaded < e.total)) return;
      last = performance.now();
      component.invokeMethodAsync('Uploaded', e.loaded / e.total);
    };
    request.onload = () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* not ours, for example an empty 403 */ }
      resolve(answer ?? { error: `The server answered with status ${request.status}; reload the page and try again.` });
    };
    request.onerror = () => resolve({ error: 'The connection broke during the upload; check that EcgPeft is still running and try again.' });
    request.onabort = () => resolve({ cancelled: true });
    request.send(form);
  });
}

export function cancelUpload(fileInput) {
  running.get(fileInput)?.abort();
}
