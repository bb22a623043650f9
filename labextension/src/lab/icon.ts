/** The mark of minitf: a small graph. */
import { LabIcon } from '@jupyterlab/ui-components';

export const DRAWING =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g class="jp-icon3" stroke="#616161" fill="#616161">' +
  '<path fill="none" stroke-width="1.5" d="M5 5l7 7l7-7M12 12v8"/>' +
  '<circle cx="5" cy="5" r="2.5"/><circle cx="19" cy="5" r="2.5"/>' +
  '<circle cx="12" cy="12" r="2.5"/><circle cx="12" cy="20" r="2.5"/></g></svg>';

export const icon = new LabIcon({ name: 'minitf:graph', svgstr: DRAWING });
