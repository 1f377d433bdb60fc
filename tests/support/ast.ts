/** A node of an ESTree. */
export interface AstNode {
  type: string;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is AstNode => typeof (value as AstNode | null)?.type === 'string';

const FUNCTION = /^(ArrowFunctionExpression|Function(Declaration|Expression))$/;

/** Calls `visit` with every node below `node`, whether a function is around it, and the property that holds it. */
export function walkAst(
  node: AstNode,
  visit: (node: AstNode, inFunction: boolean, parent: AstNode | undefined, key: string) => void,
  inFunction = false,
  parent?: AstNode,
  key = '',
): void {
  visit(node, inFunction, parent, key);
  const inside = inFunction || FUNCTION.test(node.type);
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) walkAst(child, visit, inside, node, name);
  }
}

/** What of a program strict hosts refuse: code from strings, `import()`, a wait at the top level, modules of Node. */
export function refusedBy(program: AstNode): string[] {
  const found: string[] = [];
  walkAst(program, (node, inFunction, parent, key) => {
    const { type } = node;
    const isName = type === 'Identifier' && !(parent?.type === 'Property' && key === 'key' && !parent.computed);
    if (isName && (node.name === 'eval' || node.name === 'Function')) found.push(String(node.name));
    if (isName && node.name === 'require' && parent?.type === 'CallExpression' && key === 'callee')
      found.push('require()');
    if (type === 'ImportExpression') found.push('import()');
    const waits = type === 'AwaitExpression' || (type === 'ForOfStatement' && node.await === true);
    if (waits && !inFunction) found.push('top-level await');
    if (/^(ImportDeclaration|Export(Named|All)Declaration)$/.test(type) && node.source) {
      found.push(`import of '${(node.source as AstNode).value}'`);
    }
  });
  return found;
}
