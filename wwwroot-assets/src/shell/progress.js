// The browser's tab tells how far training is, and that something has ended.
const size = 32, line = 5;
let usual = null;

const icon = () => document.querySelector('link[rel=icon]');
const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** @param {number|null} share 0 to 1 of what trains now; null is nothing */
export function progress(share) {
  usual ??= icon().href;
  if (share === null) {
    icon().href = usual;
    delete document.documentElement.dataset.progress;
    return;
  }
  const percent = Math.round(share * 100);
  if (document.documentElement.dataset.progress === String(percent)) return;
  document.documentElement.dataset.progress = String(percent);
  const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size }), pen = canvas.getContext('2d'), middle = size / 2;
  const ring = (from, to, color) => { pen.beginPath(); pen.lineWidth = line; pen.strokeStyle = color; pen.arc(middle, middle, middle - line, from, to); pen.stroke(); };
  ring(0, 2 * Math.PI, style('--line'));
  ring(-Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.max(.02, share), style('--accent'));
  icon().href = canvas.toDataURL('image/png');
}

/** A system notification, where they were allowed and the page is not looked at; the toast on the page is there anyway. */
export function notify(title, body, address) {
  if (!('Notification' in window) || Notification.permission !== 'granted' || document.visibilityState === 'visible') return;
  const note = new Notification(title, { body, silent: true, tag: address });
  note.onclick = () => { window.focus(); window.Blazor.navigateTo(address); note.close(); };
}

export const notifications = () => 'Notification' in window ? Notification.permission : 'unsupported';

export const allowNotifications = () => 'Notification' in window ? Notification.requestPermission() : Promise.resolve('unsupported');
