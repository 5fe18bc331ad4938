// What a request's body may hold, as data. A shape is one of
//
//   'text', 'number', 'integer', 'boolean', 'any'    a value of that type; with a '?' at the end, or null
//   { name: shape, 'name!': shape }                  an object of these members and no others; '!' must be there
//   open({…})                                        the same, but unknown members are passed over
//   listOf(shape), mapOf(shape), words('a', 'b')     an array, an object of any names, one of these texts
//   textOr(shape)                                    a text, or else this
//   byMember('role', { user: shape, … }, otherwise)  the object whose member `role` says which shape it has
//   nullable(shape)
//
// `violations(shape, value)` lists what does not fit: {kind, path, value, …}. In a path a text is a member, a number is
// an index and {tag} is the choice that `byMember` made: providers word paths in their own ways.

export const open = (members) => ({ is: 'object', members, open: true });
export const listOf = (each) => ({ is: 'list', each });
export const mapOf = (each) => ({ is: 'map', each });
export const words = (...allowed) => ({ is: 'word', allowed });
export const textOr = (other) => ({ is: 'textOr', other });
export const byMember = (name, choices, otherwise) => ({ is: 'byMember', name, choices, otherwise });
export const nullable = (shape) => ({ is: 'nullable', shape });

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const Types = {
  any: () => true,
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
};

export function violations(shape, value, path = []) {
  if (typeof shape === 'string') return ofType(shape, value, path);
  const wrong = (expected) => [{ kind: 'type', path, value, expected }];
  const each = (values, inner) => values.flatMap(([at, item]) => violations(inner, item, [...path, at]));
  switch (shape.is) {
    case 'nullable': return value === null ? [] : violations(shape.shape, value, path);
    case 'textOr': return typeof value === 'string' ? [] : violations(shape.other, value, path);
    case 'list': return Array.isArray(value) ? each([...value.entries()], shape.each) : wrong('list');
    case 'map': return isObject(value) ? each(Object.entries(value), shape.each) : wrong('object');
    case 'word':
      return shape.allowed.includes(value) ? [] : [{ kind: 'word', path, value, allowed: shape.allowed }];
    case 'byMember': return ofChoice(shape, value, path);
    default:
      return isObject(value) ? ofMembers(shape.members ?? shape, shape.open, value, path) : wrong('object');
  }
}

function ofType(name, value, path) {
  if (name.endsWith('?')) return value === null ? [] : ofType(name.slice(0, -1), value, path);
  return Types[name](value) ? [] : [{ kind: 'type', path, value, expected: name }];
}

function ofChoice({ name, choices, otherwise }, value, path) {
  if (!isObject(value)) return [{ kind: 'type', path, value, expected: 'object' }];
  const tag = value[name] ?? otherwise;
  if (tag === undefined) return [{ kind: 'missing', path: [...path, name], value }];
  if (!Object.hasOwn(choices, tag)) {
    return [{ kind: 'tag', path: [...path, name], value: tag, name, allowed: Object.keys(choices) }];
  }
  return violations(choices[tag], value, [...path, { tag }]);
}

function ofMembers(members, isOpen, value, path) {
  const found = [];
  const known = new Map();
  for (const [name, shape] of Object.entries(members)) {
    const isRequired = name.endsWith('!');
    const plain = isRequired ? name.slice(0, -1) : name;
    known.set(plain, shape);
    if (isRequired && value[plain] === undefined) found.push({ kind: 'missing', path: [...path, plain], value });
  }
  for (const [name, item] of Object.entries(value)) {
    if (known.has(name)) found.push(...violations(known.get(name), item, [...path, name]));
    else if (!isOpen) found.push({ kind: 'unknown', path: [...path, name], value: item });
  }
  return found;
}

/** A path in the manner of JavaScript: messages[0].content. */
export function bracketed(path) {
  return path.filter((part) => typeof part !== 'object').reduce((text, part) => (
    typeof part === 'number' ? `${text}[${part}]` : text && `${text}.${part}` || part), '');
}

/** A path in the manner of pydantic: messages.0.user.content, with the choices it went through. */
export const dotted = (path) => path.map((part) => part.tag ?? part).join('.');

/** How a person names the type of a JSON value. */
export function typeOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal';
  return typeof value;
}

/** 'a', 'b' or 'c', as pydantic lists what it expects. */
export const alternatives = (allowed) => allowed.map((word) => `'${word}'`).join(', ').replace(/, ([^,]*)$/, ' or $1');
