/** Stands for the payload of a message whose bytes are no JSON object, so that it is answered and not only dropped. */
export class Unreadable {
  constructor(readonly reason: string) {}
}
