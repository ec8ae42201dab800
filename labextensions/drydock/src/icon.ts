import { LabIcon } from '@jupyterlab/ui-components';

/** An anchor. */
export const icon = new LabIcon({
  name: 'drydock:icon',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">' +
    '<path class="jp-icon3" fill="#616161" d="M8 1.2a2 2 0 0 0-.75 3.85V6H5.2v1.5h2.05v5.2a4.6 4.6 0 0 1-3.4-2.6l1.15.1L3.2 7.4 1.4 10.5' +
    'l1-.1a6 6 0 0 0 11.2 0l1 .1-1.8-3.1-1.8 2.8 1.15-.1a4.6 4.6 0 0 1-3.4 2.6V7.5h2.05V6H8.75v-.95A2 2 0 0 0 8 1.2z' +
    'm0 1.3a.7.7 0 1 1 0 1.4.7.7 0 0 1 0-1.4z"/></svg>'
});

/** Containers on a quay, for the map of the engine. */
export const mapIcon = new LabIcon({
  name: 'drydock:map-icon',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">' +
    '<path class="jp-icon3" fill="#616161" d="M1.5 13.2h13v1.3h-13zM2 8.6h3.6v3.6H2zM6.2 8.6h3.6v3.6H6.2zM10.4 8.6H14v3.6h-3.6z' +
    'M6.2 4.4h3.6V8H6.2zM10.4 4.4H14V8h-3.6zM10.4.8H14v3h-3.6z"/></svg>'
});
