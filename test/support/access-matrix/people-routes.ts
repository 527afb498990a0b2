import { readTable } from './table.js';

/** Routes of people and of the server itself (chorus-api.md 4.3, 2.2, 17). `other` is not the user whom it is about. */
export const PEOPLE_ROUTES = readTable(`
  route                               | rule          | nobody expired other self admin
  POST   /api/sessions                | anyone        | 201    201     201   201  201
  GET    /api/sessions                | anyone        | 401    401     200   200  200
  DELETE /api/sessions                | anyone        | 200    200     200   200  200
  GET    /api/VERSION                 | anyone        | 200    200     200   200  200
  GET    /api/status                  | anyone        | 200    200     200   200  200
  GET    /api/license                 | logged in     | 401    401     200   200  200
  GET    /api/config                  | logged in     | 401    401     200   200  200
  GET    /api/users                   | logged in     | 401    401     200   200  200
  POST   /api/users                   | administrator | 401    401     403   403  201
  GET    /api/users/ldap              | administrator | 401    401     403   403  503
  GET    /api/users/{id}              | logged in     | 401    401     200   200  200
  PUT    /api/users/{id}              | self          | 401    401     403   200  200
  DELETE /api/users/{id}              | administrator | 401    401     403   403  200
  DELETE /api/users/{id} # oneself    | administrator | -      -       403   403  403
  GET    /api/users/{id}/image        | logged in     | 401    401     200   200  200
  POST   /api/users/{id}/image        | self          | 401    401     403   200  200
  GET    /api/workspaces              | logged in     | 401    401     200   200  200
  POST   /api/workspaces              | logged in     | 401    401     201   201  201
  GET    /api/runs                    | logged in     | 401    401     200   200  200
  POST   /api/runs/stop               | logged in     | 401    401     202   202  202
  GET    /api/stops                   | administrator | 401    401     403   403  200
  GET    /health/live                 | anyone        | 200    200     200   200  200
  GET    /health/ready                | anyone        | 200    200     200   200  200
  GET    /images/general/default-user.png | logged in | 401    401     200   200  200
  GET    /paperclip/users/images/{a}/{b}/{c}/{style}/{fileName} | logged in | 401 401 200 200 200
`);

/** The document, and the page that shows it: the same columns. */
export const PAGES = readTable(`
  route                               | rule          | nobody expired other self admin
  GET    /docs                        | anyone        | 200    200     200   200  200
  GET    /docs-json                   | anyone        | 200    200     200   200  200
  GET    /docs-yaml                   | anyone        | 200    200     200   200  200
`);
