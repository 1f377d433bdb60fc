import { ZeroskipError } from '../errors.ts';

/** A model by its URL. */
export async function readBytes(location: string | URL): Promise<Uint8Array> {
  const response = await fetch(location).catch((cause: Error) => {
    throw new ZeroskipError('FILE_ERROR', `${location} cannot be read: ${cause.message}`, { cause });
  });
  if (!response.ok) throw new ZeroskipError('FILE_ERROR', `${location}: HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** External data are files beside a model, which a page does not have. */
export function readExternal(model: string | URL, location: string): Uint8Array {
  throw new ZeroskipError('FILE_ERROR', `${model}: external data '${location}' can only be read where there are files`);
}
