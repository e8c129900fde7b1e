import ts from 'typescript'

/** Text that is the name of a host's own module. */
const HOST_MODULE = /^(node|cloudflare|bun|deno):/

/**
 * Where code names a host's own module, and where it imports what it computes: the expression around each, as written.
 * Static imports are not among them; comments are read by nobody.
 */
export function namedModules(code: string): string[] {
  const source = ts.createSourceFile('code.ts', code, ts.ScriptTarget.ESNext, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const isName = ts.isStringLiteralLike(node) && HOST_MODULE.test(node.text) && !ts.isImportDeclaration(node.parent)
    const isImport = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    if (isName) found.push(node.parent.getText())
    if (isImport) found.push(node.getText())
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
