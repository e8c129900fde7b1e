import ts from 'typescript'

/**
 * The names that JavaScript code takes from its global scope, sorted: each identifier that stands for a value and that
 * nothing in the code declares. Comments, texts and property names are none.
 */
export function freeNames(code: string): string[] {
  const fileName = 'code.js'
  const source = ts.createSourceFile(fileName, code, ts.ScriptTarget.ESNext, true)
  const options: ts.CompilerOptions = {
    allowJs: true,
    noLib: true,
    noResolve: true,
    types: [],
    target: source.languageVersion,
  }
  const program = ts.createProgram([fileName], options, {
    ...ts.createCompilerHost(options),
    getSourceFile: name => (name === fileName ? source : undefined),
    writeFile: () => {},
  })
  const checker = program.getTypeChecker()
  const free = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isReference(node)) {
      const declared = checker.resolveName(node.text, node, ts.SymbolFlags.Value, false)?.declarations?.length
      if (!declared) free.add(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return [...free].sort()
}

/** Whether an identifier stands for a value: it is no property's, label's, import's or declaration's own name. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if (ts.isBindingElement(parent)) return parent.initializer === node
  if (ts.isExportSpecifier(parent)) return (parent.propertyName ?? parent.name) === node
  if (ts.isMetaProperty(parent) || ts.isImportSpecifier(parent) || ts.isImportClause(parent)) return false
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === node
  if (ts.isPropertyDeclaration(parent)) return parent.initializer === node
  return !isNamed(parent, node)
}

/** Whether `node` is the name that `parent` declares: a function's, a class's, a method's. */
function isNamed(parent: ts.Node, node: ts.Identifier): boolean {
  return 'name' in parent && parent.name === node
}
