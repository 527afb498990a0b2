/** chorus-api.md 17. */
export interface License {
  readonly [key: string]: string | number | boolean | null;
}

/** More seats than PostgreSQL has ids for users: there is no limit. */
const SEATS = 2_147_483_647;

/** Of each kind of user: how many there may be, and that there are not too many. */
function seats(type: string): License {
  return { [type]: SEATS, [`${type}_limit_reached`]: false };
}

/**
 * What existing clients ask of a licence before they go on. This product is free software: nothing expires, and limited is
 * only what is not there, so that clients need not show it. Keys as clients have recorded them, in alphabetical order.
 */
export function licenseOf(reportedVersion: string): License {
  return {
    admins: SEATS,
    advisor_now_enabled: false,
    ...seats('analytics_developer'),
    branding: 'fermata',
    ...seats('business_user'),
    client_name: 'Fermata',
    ...seats('collaborator'),
    correct_mac_address: true,
    ...seats('data_analyst'),
    expired: false,
    expires: '2099-12-31',
    is_enabled_api: true,
    is_enabled_custom: true,
    is_enabled_jobs: false,
    is_enabled_milestones: false,
    is_enabled_modeling: true,
    is_enabled_touchpoints: false,
    level: 'enterprise',
    limit_api: false,
    limit_custom: false,
    limit_jobs: true,
    limit_milestones: true,
    limit_modeling: false,
    limit_touchpoints: true,
    // Bound to no machine and no organization.
    mac_address: '',
    organization_uuid: '',
    users_license_limit_reached: false,
    vendor: 'fermata',
    // With its line end, as it is recorded.
    version: `${reportedVersion}\n`,
    workflow_enabled: true,
  };
}
