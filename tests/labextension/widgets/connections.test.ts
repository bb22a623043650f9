import { expect, test, vi } from 'vitest';
import { connect, isConnected, whenConnected } from '../../../labextension/src/widgets/connections';
import { FakeKernel } from '../channel';

test('a view that comes first waits for its kernel', () => {
  const [use, kernel] = [vi.fn(), new FakeKernel()];
  whenConnected('a', use);
  expect(use).not.toHaveBeenCalled();
  connect('a', kernel);
  expect(use).toHaveBeenLastCalledWith(kernel);
  connect('a', null);
  expect(use).toHaveBeenLastCalledWith(null);
});

test('a view that comes later is connected at once', () => {
  const use = vi.fn();
  const kernel = new FakeKernel();
  connect('b', kernel);
  const stop = whenConnected('b', use);
  expect(use).toHaveBeenCalledExactlyOnceWith(kernel);
  stop();
  connect('b', null);
  expect(use).toHaveBeenCalledOnce();
  expect(isConnected('b')).toBe(false);
});
