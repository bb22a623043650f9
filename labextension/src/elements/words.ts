/**
 * The one door through which every sentence of a view goes on its way to the reader. English is what the code
 * says; whoever hosts the views may give a translator, as JupyterLab does.
 */

export interface Translator {
  /** The sentence in the reader's language, with `values` in the places of `%1`, `%2` … */
  gettext(sentence: string, ...values: string[]): string;
  /** The one or the other sentence, as the reader's language has it for this count; `%n` stays as it is. */
  ngettext(one: string, many: string, count: number): string;
}

const ENGLISH: Translator = {
  gettext: (sentence, ...values) =>
    sentence.replace(/%(\d)/g, (place, digit) => values[Number(digit) - 1] ?? place),
  ngettext: (one, many, count) => (count === 1 ? one : many)
};

let translator = ENGLISH;

/** From now on views speak by `other`; English again without one. */
export function translateBy(other: Translator | null): void {
  translator = other ?? ENGLISH;
}

/** A sentence for the reader; `%1`, `%2` … stand for `values`. */
export function say(sentence: string, ...values: (string | number)[]): string {
  return translator.gettext(sentence, ...values.map(String));
}

/** A sentence about a number of things, in which `%n` stands for `count`. */
export function sayCount(one: string, many: string, count: number): string {
  return translator.ngettext(one, many, count).replace('%n', inDigits(count));
}

export function inDigits(count: number): string {
  return count.toLocaleString('en');
}
