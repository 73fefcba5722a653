import type { JsonValue } from '../../../pipe/pipe.ts'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/** An expression as a tree. */
export type Node =
  | { readonly op: 'current' }
  | { readonly op: 'field'; readonly name: string }
  | { readonly op: 'literal'; readonly value: JsonValue }
  | { readonly op: 'index'; readonly index: number }
  | {
      readonly op: 'slice'
      readonly start: number | undefined
      readonly stop: number | undefined
      readonly step: number
    }
  | { readonly op: 'chain' | 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly op: 'not' | 'flatten' | 'reference'; readonly of: Node }
  | { readonly op: 'project' | 'values'; readonly left: Node; readonly right: Node }
  | { readonly op: 'filter'; readonly left: Node; readonly condition: Node; readonly right: Node }
  | { readonly op: 'list'; readonly items: readonly Node[] }
  | { readonly op: 'hash'; readonly members: readonly (readonly [string, Node])[] }
  | {
      readonly op: 'compare'
      readonly how: Comparison
      readonly left: Node
      readonly right: Node
    }
  | { readonly op: 'call'; readonly name: string; readonly args: readonly Node[] }
