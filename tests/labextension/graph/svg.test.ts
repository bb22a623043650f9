import { describe, expect, test } from 'vitest';
import { safeSvg } from '../../../labextension/src/graph/svg';
import { SAMPLE } from '../sample';

const XMLNS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';

/** What is left of `inside` when it stood in a drawing. */
function kept(inside: string): string {
  const drawing = safeSvg(`<svg ${XMLNS}>${inside}</svg>`);
  return drawing === null ? 'refused' : drawing.innerHTML;
}

describe('what a drawing needs stays', () => {
  test('shapes, text and their places', () => {
    const drawing = safeSvg(SAMPLE.svg);
    expect(drawing?.getAttribute('viewBox')).toBe('0 0 80 40');
    expect(drawing?.querySelector('g.node > ellipse')?.getAttribute('rx')).toBe('18');
    expect(drawing?.querySelector('text')?.textContent).toBe('x');
    expect(drawing?.querySelector('title')?.textContent).toBe('G');
  });

  test('what a link shows', () => {
    expect(kept('<a xlink:href="https://example.org"><text>op</text></a>')).toBe('<text>op</text>');
  });
});

describe('what could act does not', () => {
  test.each([
    '<script>alert(1)</script>',
    '<style>@import url(https://example.org/x.css);</style>',
    '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="x"/></foreignObject>',
    '<img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="alert(1)"/>',
    '<image href="https://example.org/pixel.png"/>',
    '<use href="#other"/>',
    '<animate attributeName="href" to="javascript:alert(1)"/>',
    '<set attributeName="onclick" to="alert(1)"/>',
    '<svg onload="alert(1)"/>'
  ])('%s', element => {
    expect(kept(element)).toBe('');
  });

  test.each([
    'onclick="alert(1)"',
    'style="background: url(https://example.org)"',
    'href="javascript:alert(1)"',
    'xlink:href="https://example.org"',
    'fill="url(https://example.org#a)"',
    'fill="u\\72l(https://example.org)"',
    'fill="u/**/rl(x)"',
    'id="jupyter-config-data"',
    'tabindex="0"'
  ])('%s', attribute => {
    expect(kept(`<rect ${attribute}/>`)).toBe('<rect></rect>');
  });

  test('classes of the page', () => {
    expect(kept('<g class="node jp-Dialog"/>')).toBe('<g class="node"></g>');
  });

  test('script in a link and in a group', () => {
    expect(kept('<a href="x"><script>1</script></a><g><script>1</script></g>')).toBe('<g></g>');
  });

  test('an event on the drawing itself', () => {
    expect(safeSvg(`<svg ${XMLNS} onload="alert(1)"/>`)?.hasAttribute('onload')).toBe(false);
  });
});

test.each(['', 'dot: not found', '<svg', '<html><svg/></html>', '<svg/>', `<svg ${XMLNS}><g></svg>`])(
  'not a drawing: %j',
  source => {
    expect(safeSvg(source)).toBeNull();
  }
);
