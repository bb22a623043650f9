import { expect, test } from 'vitest';
import { Camera } from '../../../labextension/src/graph/camera';
import { svg } from '../../../labextension/src/graph/dom';

function camera(width: number, height: number, covered = 0) {
  const made = new Camera(document.createElement('div'), () => covered); // without a page: 800 by 420
  const picture = svg('svg');
  made.show(picture, width, height);
  return { made, picture };
}

test('a first view shows the whole width of a picture that is too wide to be read', () => {
  const { made } = camera(1600, 300);
  made.open();
  expect(made.scale).toBe(0.5);
  made.fit();
  expect(made.scale).toBe(0.62);
});

test('a first view goes no smaller than boxes can be told apart, and keeps tall pictures readable', () => {
  const wide = camera(8000, 300).made;
  wide.open();
  expect(wide.scale).toBe(0.42);
  expect(wide.isOutside({ x: 7000, y: 0, width: 50, height: 20 })).toBe(true);
  expect(wide.isOutside({ x: 10, y: 0, width: 50, height: 20 })).toBe(false);
  const tall = camera(300, 3000).made;
  tall.open();
  expect(tall.scale).toBe(0.62);
});

test('what covers the frame does not count as room', () => {
  const box = { x: 700, y: 10, width: 60, height: 30 };
  const { made, picture } = camera(800, 400, 260);
  expect(made.isCovered(box)).toBe(true);
  made.bring(box);
  expect(made.isCovered(box)).toBe(false);
  expect(picture.style.transform).toBe('translate(-236px, 6px)');
  made.overview();
  expect(made.scale).toBe(540 / 800);
  expect(camera(800, 400).made.isCovered(box)).toBe(false);
});
