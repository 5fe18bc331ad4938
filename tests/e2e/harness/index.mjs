export * from './http.mjs';
export * from './paths.mjs';
export * from './ports.mjs';
export * from './program.mjs';
export * from './provider.mjs';
export * from './sse.mjs';
export * from './system.mjs';
export * from './wait.mjs';
