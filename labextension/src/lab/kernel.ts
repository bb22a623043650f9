/** What the extension asks a kernel by itself: expressions that leave no trace in the notebook. */
import type { Kernel } from '@jupyterlab/services';

export type Found = { data: unknown } | { error: string; message: string };

/**
 * The value of a Python expression, as its representation of type `mime`. Silent: no output, no number
 * in the notebook's brackets, nothing in the history. It waits while a cell runs.
 */
export async function evaluate(
  kernel: Kernel.IKernelConnection,
  expression: string,
  mime: string
): Promise<Found> {
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { found: expression }
  });
  const { content } = await future.done;
  if (content.status !== 'ok') {
    return { error: 'Error', message: 'The kernel did not answer.' };
  }
  const found = content.user_expressions.found as Record<string, unknown> | undefined;
  if (found?.status === 'ok') {
    return { data: (found.data as Record<string, unknown>)[mime] };
  }
  return { error: String(found?.ename ?? 'Error'), message: String(found?.evalue ?? '') };
}
