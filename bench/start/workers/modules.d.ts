/** Wasm files, which hosts of Workers import as compiled modules. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

/** Emscripten's script, made a module of when it is bundled. */
declare module '@litertjs/core/wasm/litert_wasm_internal.js' {
  const factory: unknown;
  export default factory;
}
