// Numbers as the reader's language writes them. A chart writes hundreds, and making a format takes longer than writing a number, so formats are kept.
const locale = () => document.documentElement.dataset.locale || 'en-US';
const formats = new Map();

function written(value, name, options) {
  const key = `${locale()} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(locale(), options));
  return formats.get(key).format(value);
}

export const decimalSign = () => written(.5, 'plain', {})[1];

export const whole = value => written(Math.round(value), 'plain', {});

/** A value with at most so many decimals. */
export const upTo = (value, decimals) => written(value, `up to ${decimals}`, { maximumFractionDigits: decimals });

/** A value with exactly so many decimals. */
export const fixed = (value, decimals) => written(value, `fixed ${decimals}`, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** A power of ten. */
export const power = exponent => Math.abs(exponent) > 3 ? `1e${exponent}` : written(10 ** exponent, 'power', { maximumSignificantDigits: 1 });

/** A value with the digits that matter; a number that is none is called what it is. */
export function digits(value) {
  if (value === null || value === undefined) return '–';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  if ((Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) return value.toExponential(2).replace('.', decimalSign());
  return written(value, 'digits', { minimumSignificantDigits: 3, maximumSignificantDigits: 4, useGrouping: false });
}

/** The clock at a time in milliseconds. */
export function clock(milliseconds) {
  const key = `${locale()} clock`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }));
  return formats.get(key).format(milliseconds);
}
