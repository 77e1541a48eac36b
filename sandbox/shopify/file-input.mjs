// fileCreate, fileUpdate, fileDelete, fileAcknowledgeUpdateFailed as actions. fileUpdate looks at the call as a whole
// first (files that do not exist, that are not ready, products that do not exist): then nothing is done. What is wrong
// with one file only stops that one.
import {ALT_LIMIT, attach, detach, isUrl} from './files.mjs';
import {Findings, Refusal, Refusals} from './refusal.mjs';

const nothing = {files: []};
const extensionOf = name => name.split('.').at(-1).toLowerCase();
const tooLong = `The alt value exceeds the maximum limit of ${ALT_LIMIT} characters.`;

/** {files: [{originalSource, alt, filename, contentType, duplicateResolutionMode}], sources}: answers the files. */
export function createFiles(store, key, {files, sources = {}}) {
  const findings = new Findings();
  files.forEach((input, i) => {
    const at = name => ['files', i, name];
    if (!isUrl(input.originalSource))
      findings.add(at('originalSource'), 'File URL is invalid', 'INVALID_IMAGE_SOURCE_URL');
    else if (input.filename && extensionOf(input.filename) !== extensionOf(new URL(input.originalSource).pathname))
      findings.add(
        at('filename'),
        'Provided filename extension must match original source.',
        'MISMATCHED_FILENAME_AND_ORIGINAL_SOURCE',
      );
    if ((input.alt?.length ?? 0) > ALT_LIMIT) findings.add(at('alt'), tooLong, 'ALT_VALUE_LIMIT_EXCEEDED');
    const twice = files.slice(0, i).some(({filename}) => filename === input.filename);
    if (input.duplicateResolutionMode === 'RAISE_ERROR' && input.filename && (twice || store.files.byName(input.filename)))
      findings.add(at('filename'), 'The provided filename already exists.', 'FILENAME_ALREADY_EXISTS');
  });
  findings.end(nothing);
  return files.map(input =>
    store.files.add({...input, source: input.originalSource, content: sources[input.originalSource]}),
  );
}

/** {files: [{id, alt, originalSource, previewImageSource, filename, referencesToAdd, referencesToRemove}], sources}. */
export function updateFiles(store, key, {files: inputs, sources = {}}) {
  const files = checkWhole(store, inputs);
  const findings = new Findings();
  const done = [];
  inputs.forEach((input, i) => {
    const before = findings.entries.length;
    checkOne(input, i, findings);
    if (findings.entries.length > before) return;
    change(store, files[i], input, sources);
    done.push(files[i]);
  });
  return {files: done, userErrors: findings.entries};
}

function checkWhole(store, inputs) {
  const refuse = (message, code) => {
    throw new Refusals([{field: ['files'], message, code}], nothing);
  };
  const files = inputs.map(({id}) => {
    const file = store.get(id);
    return file?.__typename === 'MediaImage' ? file : null;
  });
  const missing = inputs.filter((input, i) => !files[i]).map(({id}) => `"${id}"`);
  if (missing.length)
    refuse(
      missing.length > 1 ? `File ids [${missing.join(', ')}] do not exist.` : `File id [${missing[0]}] does not exist.`,
      'FILE_DOES_NOT_EXIST',
    );
  for (const file of files) {
    const state = store.files.stateOf(file);
    if (state === 'FAILED') refuse('File cannot be updated in a failed state.', 'INVALID_FAILED_MEDIA_STATE');
    if (state !== 'READY') refuse('Non-ready files cannot be updated.', 'NON_READY_STATE');
    if (store.files.isBusy(file)) refuse('File has a pending operation.', 'FILE_LOCKED');
  }
  inputs.forEach(({filename, referencesToAdd, referencesToRemove}, i) => {
    for (const id of [...(referencesToAdd ?? []), ...(referencesToRemove ?? [])])
      if (store.get(id)?.__typename !== 'Product')
        refuse('The reference target does not exist', 'REFERENCE_TARGET_DOES_NOT_EXIST');
    if (filename && extensionOf(filename) !== extensionOf(files[i].filename))
      refuse('The filename extension provided must match the original filename.', 'INVALID_FILENAME_EXTENSION');
  });
  return files;
}

function checkOne({alt, originalSource, previewImageSource}, i, findings) {
  const at = name => ['files', i, name];
  if ((alt?.length ?? 0) > ALT_LIMIT) findings.add(at('alt'), tooLong, 'ALT_VALUE_LIMIT_EXCEEDED');
  if (originalSource && previewImageSource)
    for (const name of ['previewImageSource', 'originalSource'])
      findings.add(
        at(name),
        'Cannot update the preview image and image at the same time because they are one and the same.',
        'INVALID',
      );
  for (const [name, source] of [
    ['originalSource', originalSource],
    ['previewImageSource', previewImageSource],
  ])
    if (source && !isUrl(source))
      findings.add(at(name), 'Invalid image source url value provided', 'INVALID_IMAGE_SOURCE_URL');
}

function change(store, file, input, sources) {
  const source = input.originalSource ?? input.previewImageSource;
  if (source) store.files.replace(file, sources[source]);
  if (input.filename) store.files.rename(file, input.filename);
  for (const id of input.referencesToAdd ?? []) {
    attach(store, store.get(id), file);
    store.change(store.get(id), {});
  }
  for (const id of input.referencesToRemove ?? []) {
    detach(store, store.get(id), file);
    store.change(store.get(id), {});
  }
  store.change(file, input.alt === undefined || input.alt === null ? {} : {alt: input.alt});
}

function filesOf(store, ids) {
  const missing = ids.filter(id => store.get(id)?.__typename !== 'MediaImage').map(id => `"${id}"`);
  if (missing.length)
    throw new Refusal(
      ['fileIds'],
      missing.length > 1 ? `File ids [${missing.join(', ')}] do not exist.` : `File id [${missing[0]}] does not exist.`,
      'FILE_DOES_NOT_EXIST',
    );
  return ids.map(id => store.get(id));
}

/** {fileIds}: answers the ids of what is gone; it leaves all products. */
export function deleteFiles(store, key, {fileIds}) {
  const files = filesOf(store, fileIds);
  for (const file of files) {
    const products = [...file.products];
    store.files.remove(file);
    for (const product of products) store.change(product, {});
  }
  return fileIds;
}

/** {fileIds}: files whose replacement failed show the image they had. */
export function acknowledgeFiles(store, key, {fileIds}) {
  const files = filesOf(store, fileIds);
  for (const file of files) store.files.acknowledge(file);
  return files;
}
