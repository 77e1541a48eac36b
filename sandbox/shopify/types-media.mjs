// How files look through the Admin API: as files and as media of a product.
import {withMetafields} from './types-catalogue.mjs';
import {gid} from './store.mjs';
import {refuseTransform} from './storage.mjs';

const mediaImage = (file, {store, storage}) => {
  const content = store.files.imageOf(file);
  return content && {__typename: 'Image', file, content, url: storage.urlOf(store, file, content)};
};

const errorsOf = (file, context) => {
  context.store.files.stateOf(file);
  return file.failure ? [{code: file.failure.code, message: file.failure.message, details: null}] : [];
};

const MediaImage = {
  ...withMetafields,
  id: file => gid('MediaImage', file.id),
  status: (file, args, {store}) => store.files.stateOf(file),
  fileStatus: (file, args, {store}) => store.files.stateOf(file),
  fileErrors: (file, args, context) => errorsOf(file, context),
  mediaErrors: (file, args, context) => errorsOf(file, context),
  mediaWarnings: () => [],
  mediaContentType: () => 'IMAGE',
  mimeType: (file, args, {store}) => store.files.imageOf(file)?.mime ?? null,
  image: (file, args, context) => mediaImage(file, context),
  preview: (file, args, context) => ({image: mediaImage(file, context), status: context.store.files.stateOf(file)}),
  originalSource: (file, args, context) => {
    const image = mediaImage(file, context);
    return image && {__typename: 'MediaImageOriginalSource', fileSize: image.content.size, url: image.url};
  },
};

const Image = {
  id: ({file}) => gid('ImageSource', file.id),
  altText: ({file}) => file.alt || null,
  width: ({content}) => content.width,
  height: ({content}) => content.height,
  thumbhash: ({content}) => Buffer.from(content.digest.slice(0, 42), 'hex').toString('base64'),
  url: ({url}, args) => (refuseTransform(args), url),
  originalSrc: ({url}) => url,
  src: ({url}) => url,
};

export const MEDIA_TYPES = {MediaImage, Image};
