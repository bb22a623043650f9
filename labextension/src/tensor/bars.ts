/** A histogram: bars, the ends of its range, and what could not be counted among them. */

import type { Histogram } from '../contract/tensor';
import { drawn, element } from '../elements/element';
import { inDigits, say } from '../elements/words';
import { inWords } from './numbers';

const WIDTH = 480;
const HEIGHT = 150;

export function bars(histogram: Histogram): HTMLElement {
  const holder = element('div', 'minitf-histogram');
  const { counts, low, high } = histogram;
  const counted = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(1, ...counts);
  const chart = drawn('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT + 20}`, role: 'img' });
  chart.setAttribute(
    'aria-label',
    say('Histogram of %1 elements from %2 to %3', counted, inWords(low), inWords(high))
  );
  counts.forEach((count, i) => {
    const width = WIDTH / counts.length;
    const height = (count / most) * HEIGHT;
    const place = { x: i * width, y: HEIGHT - height, width: Math.max(width - 1, 0.5), height };
    const bar = drawn('rect', { ...place, class: 'minitf-bar' });
    const from = low + ((high - low) * i) / counts.length;
    const to = low + ((high - low) * (i + 1)) / counts.length;
    bar.append(drawn('title', {}, say('%1 from %2 to %3', count, inWords(from), inWords(to))));
    chart.append(bar);
  });
  chart.append(
    drawn('text', { x: 0, y: HEIGHT + 15 }, inWords(low)),
    drawn('text', { x: WIDTH, y: HEIGHT + 15, 'text-anchor': 'end' }, inWords(high))
  );
  const apart = histogram.nan + histogram.inf;
  const words = say('%1 finite elements in %2 bins', inDigits(counted), counts.length);
  const lost =
    apart === 0 ? '' : say('; apart from them %1 NaN and %2 infinite', histogram.nan, histogram.inf);
  holder.append(
    chart,
    element('p', '', `${words}${lost}. ${say('The fullest bin holds %1.', inDigits(most))}`)
  );
  return holder;
}
