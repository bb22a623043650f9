import type { Kernel } from '@jupyterlab/services';
import { expect, test, vi } from 'vitest';
import { evaluate } from '../../../labextension/src/lab/kernel';

function kernelThatAnswers(content: object) {
  const requestExecute = vi.fn((_: object) => ({ done: Promise.resolve({ content }) }));
  return { requestExecute, kernel: { requestExecute } as unknown as Kernel.IKernelConnection };
}

test('an expression leaves no trace in the notebook', async () => {
  const found = { status: 'ok', data: { 'x/y': { kind: 'thing' } } };
  const { kernel, requestExecute } = kernelThatAnswers({ status: 'ok', user_expressions: { found } });
  expect(await evaluate(kernel, 'thing()', 'x/y')).toEqual({ data: { kind: 'thing' } });
  expect(requestExecute.mock.calls[0]?.[0]).toMatchObject({ code: '', silent: true, store_history: false });
});

test('its errors and a kernel that fails are told', async () => {
  const found = { status: 'error', ename: 'KeyError', evalue: "'minitf'" };
  const failing = kernelThatAnswers({ status: 'ok', user_expressions: { found } });
  expect(await evaluate(failing.kernel, '', 'x/y')).toEqual({ error: 'KeyError', message: "'minitf'" });
  const dead = kernelThatAnswers({ status: 'abort' });
  expect(await evaluate(dead.kernel, '', 'x/y')).toEqual({
    error: 'Error',
    message: 'The kernel did not answer.'
  });
});
