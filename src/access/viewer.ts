/** The person behind a request, as authentication found them: what access rules and presentation ask about. */
export interface Viewer {
  readonly id: number;
  readonly username: string;
  /** Site administrator, by the flag of the user or by the role `admin` (chorus-api.md 4.1, SA). */
  readonly isAdmin: boolean;
  /** `analytics_developer`, `data_analyst`, `collaborator` or `business_user`. */
  readonly userType: string;
  /** The session that the request came with. */
  readonly sessionId?: number;
}
