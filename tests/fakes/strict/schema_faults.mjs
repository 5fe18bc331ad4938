// What OpenAI refuses in JSON schemas, in its words after "In context=…, ". Used by those who forward to it too.
//   Structured outputs: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas

const context = (path) => `In context=(${path.map((part) => `'${part}'`).join(', ')}${path.length === 1 ? ',' : ''}), `;

/** A fault of a function's parameters, or nothing. https://github.com/evalstate/fast-agent/issues/143 */
export function functionFault(schema, isStrict) {
  if (schema.type !== 'object') {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: ${schema.type ? `"${schema.type}"` : '"None"'}'.`;
  }
  if (!schema.properties) return `${context([])}object schema missing properties.`;
  return arrayFault(schema, []) ?? (isStrict ? strictFault(schema, []) : undefined);
}

function arrayFault(schema, path) {
  if (schema.type === 'array' && !schema.items) return `${context(path)}array schema missing items.`;
  return inside(schema, path, arrayFault);
}

/** Every object is closed and requires all its properties. */
export function strictFault(schema, path = []) {
  if (schema.type === 'object') {
    if (schema.additionalProperties !== false) {
      return `${context(path)}'additionalProperties' is required to be supplied and to be false.`;
    }
    const missing = Object.keys(schema.properties ?? {}).find((name) => !schema.required?.includes(name));
    if (missing !== undefined) {
      return `${context(path)}'required' is required to be supplied and to be an array including every key in `
        + `properties. Missing '${missing}'.`;
    }
  }
  return inside(schema, path, strictFault);
}

function inside(schema, path, check) {
  const children = [
    ...Object.entries(schema.properties ?? {}).map(([name, child]) => [child, [...path, 'properties', name]]),
    ...(schema.items ? [[schema.items, [...path, 'items']]] : []),
    ...(schema.anyOf ?? []).map((child, i) => [child, [...path, 'anyOf', String(i)]]),
  ].filter(([child]) => typeof child === 'object' && child !== null);
  for (const [child, at] of children) {
    const fault = check(child, at);
    if (fault) return fault;
  }
  return undefined;
}
