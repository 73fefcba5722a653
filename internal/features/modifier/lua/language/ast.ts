/** What the parser makes of a script. `line` is that of the first token, which is what messages name. */
export type Expression =
  | { readonly kind: 'nil' | 'true' | 'false' | 'varargs'; readonly line: number }
  | { readonly kind: 'number'; readonly value: number; readonly line: number }
  | { readonly kind: 'string'; readonly value: string; readonly line: number }
  | { readonly kind: 'name'; readonly name: string; readonly line: number }
  | IndexExpression
  | CallExpression
  | MethodExpression
  | FunctionExpression
  | TableExpression
  /** Parentheses: cut several values to one. */
  | { readonly kind: 'parens'; readonly inner: Expression; readonly line: number }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
      readonly line: number
    }
  | {
      readonly kind: 'logical'
      readonly operator: 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
      readonly line: number
    }
  | {
      readonly kind: 'unary'
      readonly operator: 'not' | '-' | '#'
      readonly operand: Expression
      readonly line: number
    }

export type BinaryOperator = ArithmeticOperator | '..' | '<' | '<=' | '>' | '>=' | '==' | '~='
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^'

export type IndexExpression = {
  readonly kind: 'index'
  readonly object: Expression
  readonly key: Expression
  readonly line: number
}
export type CallExpression = {
  readonly kind: 'call'
  readonly callee: Expression
  readonly args: readonly Expression[]
  readonly line: number
}
export type MethodExpression = {
  readonly kind: 'method'
  readonly object: Expression
  readonly name: string
  readonly args: readonly Expression[]
  readonly line: number
}
export type FunctionExpression = {
  readonly kind: 'function'
  readonly parameters: readonly string[]
  readonly isVariadic: boolean
  /** Whether `...` stands in the body: otherwise a variadic function has Lua 5.0's `arg`. */
  readonly usesVarargs: boolean
  readonly body: Block
  readonly line: number
}
export type TableExpression = {
  readonly kind: 'table'
  readonly fields: readonly TableField[]
  readonly line: number
}
/** Without a key: the next place of the list. */
export type TableField = { readonly key: Expression | undefined; readonly value: Expression }

export type Assignable = Extract<Expression, { kind: 'name' | 'index' }>
export type Block = readonly Statement[]

export type Statement =
  | {
      readonly kind: 'local'
      readonly names: readonly string[]
      readonly values: readonly Expression[]
      readonly line: number
    }
  | {
      readonly kind: 'assign'
      readonly targets: readonly Assignable[]
      readonly values: readonly Expression[]
      readonly line: number
    }
  | {
      readonly kind: 'call'
      readonly call: CallExpression | MethodExpression
      readonly line: number
    }
  | { readonly kind: 'do'; readonly body: Block; readonly line: number }
  | {
      readonly kind: 'while'
      readonly condition: Expression
      readonly body: Block
      readonly line: number
    }
  | {
      readonly kind: 'repeat'
      readonly body: Block
      readonly condition: Expression
      readonly line: number
    }
  | {
      readonly kind: 'if'
      readonly condition: Expression
      readonly body: Block
      readonly otherwise: Block
      readonly line: number
    }
  | NumericFor
  | GenericFor
  | {
      readonly kind: 'local-function'
      readonly name: string
      readonly value: FunctionExpression
      readonly line: number
    }
  | { readonly kind: 'return'; readonly values: readonly Expression[]; readonly line: number }
  | { readonly kind: 'break'; readonly line: number }
  | { readonly kind: 'goto'; readonly label: string; readonly line: number }
  | { readonly kind: 'label'; readonly label: string; readonly line: number }

export type NumericFor = {
  readonly kind: 'numeric-for'
  readonly name: string
  readonly start: Expression
  readonly limit: Expression
  readonly step: Expression | undefined
  readonly body: Block
  readonly line: number
}
export type GenericFor = {
  readonly kind: 'generic-for'
  readonly names: readonly string[]
  readonly values: readonly Expression[]
  readonly body: Block
  readonly line: number
}
