/** A histogram: bars, the ends of its range, and what could not be counted among them. */
import type { Histogram } from '../contract/tensor';
import { drawn, element } from '../elements/element';
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
    `Histogram of ${counted} elements from ${inWords(low)} to ${inWords(high)}`
  );
  counts.forEach((count, i) => {
    const width = WIDTH / counts.length;
    const height = (count / most) * HEIGHT;
    const place = { x: i * width, y: HEIGHT - height, width: Math.max(width - 1, 0.5), height };
    const bar = drawn('rect', { ...place, class: 'minitf-bar' });
    const from = low + ((high - low) * i) / counts.length;
    const to = low + ((high - low) * (i + 1)) / counts.length;
    bar.append(drawn('title', {}, `${count} from ${inWords(from)} to ${inWords(to)}`));
    chart.append(bar);
  });
  chart.append(
    drawn('text', { x: 0, y: HEIGHT + 15 }, inWords(low)),
    drawn('text', { x: WIDTH, y: HEIGHT + 15, 'text-anchor': 'end' }, inWords(high))
  );
  const apart = histogram.nan + histogram.inf;
  const words = `${counted.toLocaleString('en')} finite elements in ${counts.length} bins`;
  const lost = apart === 0 ? '' : `; apart from them ${histogram.nan} NaN and ${histogram.inf} infinite`;
  holder.append(
    chart,
    element('p', '', `${words}${lost}. The fullest bin holds ${most.toLocaleString('en')}.`)
  );
  return holder;
}
