/** Wrong passwords of people who are logged in, for those who compare them. */
export abstract class PasswordGuesses {
  /**
   * Compares a password of the user, unless there were too many wrong ones.
   * @throws DomainError `throttled`
   */
  abstract compare(userId: number, isRight: () => Promise<boolean>): Promise<boolean>;
}
