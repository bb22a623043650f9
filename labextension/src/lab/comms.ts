/**
 * What the displays of a kernel of our own say to each other and to the kernel. Where a notebook runs it,
 * ipywidgets carries these messages; a document has no notebook, so here is as much of its protocol as the
 * channels of our views need.
 */
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { connect } from '../widgets/connections';
import { Conversation } from '../widgets/conversation';

const TARGET = 'jupyter.widget';

interface Update {
  method?: string;
  content?: Record<string, unknown>;
  state?: { _model_module?: string };
}

/** Answers `kernel`'s widgets until the kernel ends. */
export function carryChannels(kernel: Kernel.IKernelConnection): void {
  kernel.registerCommTarget(TARGET, (comm: Kernel.IComm, opened: KernelMessage.ICommOpenMsg) => {
    const { state } = opened.content.data as Update;
    if (state?._model_module !== 'minitf') {
      return; // the layout that every widget brings along
    }
    const conversation = new Conversation(content => {
      comm.send({ method: 'custom', content: content as JSONObject });
    });
    comm.onMsg = ({ content, buffers }) => {
      const data = content.data as Update;
      if (data.method === 'custom' && data.content !== undefined) {
        const views = (buffers ?? []).map(viewOf);
        conversation.hear(data.content, views);
      }
    };
    comm.onClose = () => {
      connect(comm.commId, null);
      conversation.end();
    };
    connect(comm.commId, conversation);
  });
}

function viewOf(buffer: ArrayBuffer | ArrayBufferView): DataView {
  return buffer instanceof ArrayBuffer
    ? new DataView(buffer)
    : new DataView(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}
