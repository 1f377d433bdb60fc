const ascii = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

/** What bytes that are no ONNX model plainly are instead, and what to do about it; undefined if it does not show. */
export function sniff(bytes: Uint8Array): string | undefined {
  const head = ascii(bytes, 0, 64);
  if (head.startsWith('\x1f\x8b')) return 'a gzip file: unpack it first';
  if (head.startsWith('ZSK1')) return 'a zeroskip package: it is compiled already, load it with the runtime';
  if (head.startsWith('PK'))
    return 'a zip file, as PyTorch saves its .pt checkpoints: export the model with torch.onnx.export';
  if (head.startsWith('\x89HDF')) return 'an HDF5 file, as Keras saves its models: convert the model to ONNX';
  if (head.startsWith('\x93NUMPY')) return 'a NumPy array';
  if (head[0] === '\x80' && head[1] <= '\x05') return 'a Python pickle: export the model with torch.onnx.export';
  if (head.startsWith('version https://git-lfs')) return 'a Git LFS pointer: fetch the file itself with git lfs pull';
  if (/^(\xef\xbb\xbf)?\s*</.test(head)) return 'an HTML or XML page: the download went wrong';
  if (/^\s*[{[]/.test(head)) return 'a JSON text';
  if (head.slice(4, 8) === 'TFL3') return 'a TensorFlow Lite model: convert it to ONNX';
  if (head.slice(4, 8) === 'ORTM') return 'a model in the ORT format: use the ONNX model that it was made from';
  if (head.slice(8, 9) === '{') return 'a safetensors file: it holds weights without a network';
  return undefined;
}
