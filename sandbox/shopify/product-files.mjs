// The images of a product and of its variants: those that come with productSet (`files`, a variant's `file`) and those
// that are appended (`media`, `mediaSrc`, `mediaId`). `sources` says what each source holds: source → content.
import {ALT_LIMIT, MEDIA_LIMIT, attach, detach, fileGid, isUrl} from './files.mjs';
import {FieldError} from './plan.mjs';

/** Looks through productSet's files. */
export function checkFiles(store, files, product, path, findings) {
  if (!files) return;
  if (files.length > MEDIA_LIMIT) findings.add(path, `Exceeded the limit of media per product.`, 'INVALID_INPUT');
  files.forEach((input, i) => {
    if (input.contentType && input.contentType !== 'IMAGE')
      throw new FieldError('NOT_SIMULATED', `a file of type ${input.contentType} is not simulated`);
    if ((input.alt?.length ?? 0) > ALT_LIMIT)
      findings.add(
        [...path, i, 'alt'],
        `The alt value exceeds the maximum limit of ${ALT_LIMIT} characters.`,
        'INVALID_INPUT',
      );
    if (input.id) {
      if (store.get(input.id)?.__typename !== 'MediaImage')
        findings.add([...path, i, 'id'], 'File does not exist', 'INVALID_INPUT');
    } else if (!isUrl(input.originalSource ?? ''))
      findings.add([...path, i, 'originalSource'], 'File URL is invalid', 'INVALID_INPUT');
  });
}

/** The files of the input become the product's media, in their order; those it leaves out are the product's no more. */
export function attachFiles(store, product, files, {sources, variants}) {
  const made = new Map(); // id or source → file
  const list = files.map(input => {
    const key = input.id ?? input.originalSource;
    const file = input.id
      ? store.get(input.id)
      : (made.get(key) ?? store.files.add({...input, source: key, content: sources[key]}));
    if (input.id && input.alt !== undefined && input.alt !== null) store.change(file, {alt: input.alt});
    made.set(key, file);
    return file;
  });
  for (const file of [...product.media]) if (!list.includes(file)) detach(store, product, file);
  product.media = [];
  for (const file of list) attach(store, product, file);
  for (const {input, variant} of variants)
    if (input.file) variant.media = made.get(input.file.id ?? input.file.originalSource) ?? null;
}

/** Looks through a list of CreateMediaInput at `path`. */
export function checkMedia(media, product, path, findings, code = null) {
  if (!media) return;
  if (media.length + (product?.media.length ?? 0) > MEDIA_LIMIT)
    findings.add(path, 'Exceeded the limit of media per product.', code);
  media.forEach((input, i) => {
    if (input.mediaContentType !== 'IMAGE')
      throw new FieldError('NOT_SIMULATED', `media of type ${input.mediaContentType} are not simulated`);
    if (!isUrl(input.originalSource)) findings.add([...path, i, 'originalSource'], 'Image URL is invalid', code);
    if ((input.alt?.length ?? 0) > ALT_LIMIT)
      findings.add([...path, i, 'alt'], `The alt value exceeds the maximum limit of ${ALT_LIMIT} characters.`, code);
  });
}

/** Appends them; answers source → file. */
export function appendMedia(store, product, media, sources) {
  const made = new Map();
  for (const {originalSource: source, alt} of media ?? []) {
    const file = store.files.add({source, alt, content: sources[source]});
    attach(store, product, file);
    if (!made.has(source)) made.set(source, file);
  }
  return made;
}

/** Every source an input names, wherever it stands. */
export function sourcesIn(value, found = new Set()) {
  if (Array.isArray(value)) for (const part of value) sourcesIn(part, found);
  else if (value && typeof value === 'object')
    for (const [name, part] of Object.entries(value)) {
      if ((name === 'originalSource' || name === 'previewImageSource') && typeof part === 'string') found.add(part);
      else if (name === 'mediaSrc') for (const source of part ?? []) found.add(source);
      else sourcesIn(part, found);
    }
  return found;
}

export const isOn = (product, id) => product.media.find(file => fileGid(file) === id) ?? null;
