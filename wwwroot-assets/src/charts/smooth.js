// An exponential moving average without a bias towards its beginning, as Adam corrects its moments. Written as a step from the mean
// towards the value, so that a constant stays exactly that constant, whatever the weight.

/**
 * @param {(number|null)[]} y values; those that are not finite stand where they stood and change nothing
 * @param {number} weight of what was before: 0 is off, below 1
 */
export function smooth(y, weight) {
  if (!(weight > 0)) return y;
  let mean = 0, decay = 1;
  return y.map(value => {
    if (!Number.isFinite(value)) return value;
    decay *= weight;
    mean += (value - mean) * ((1 - weight) / (1 - decay)); // the factor is exactly 1 at the first
    return mean;
  });
}
