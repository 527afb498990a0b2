import { readTable } from './table.js';

/**
 * Routes of data sources (chorus-api.md 4.3 and 10). The first columns are of an unshared one: `outsider` has no account
 * there, `holder` has one, `admin` has none and `admin+` has one: what is read from the live server needs an account to
 * log in with, whoever asks. A shared one is used with its owner's account. Disabled ones are hidden from all but those
 * who manage them (404), and nobody uses them (403). 422 says that there is no driver.
 */
export const SOURCE_ROUTES = readTable(`
  route                                              | rule               | nobody expired outsider holder owner admin admin+ | shared: outsider owner admin | disabled: outsider holder owner admin
  GET    /api/data_sources                           | logged in          | 401    401     200      200    200   200   200    | 200 200 200 | 200 200 200 200
  POST   /api/data_sources                           | logged in          | 401    401     201      201    201   201   201    | -   -   -   | -   -   -   -
  GET    /api/data_sources/{id}                      | logged in          | 401    401     200      200    200   200   200    | 200 200 200 | 404 404 200 200
  PUT    /api/data_sources/{id}                      | manage data source | 401    401     403      403    200   200   200    | 403 200 200 | 404 404 200 200
  DELETE /api/data_sources/{id}                      | manage data source | 401    401     403      403    200   200   200    | 403 200 200 | 404 404 200 200
  PUT    /api/data_sources/{id}/owner                | manage data source | 401    401     404      404    200   200   200    | 404 200 200 | 404 404 200 200
  POST   /api/data_sources/{id}/sharing              | manage data source | 401    401     403      403    201   201   201    | 403 201 201 | 404 404 201 201
  DELETE /api/data_sources/{id}/sharing              | manage data source | 401    401     403      403    200   200   200    | 403 200 200 | 404 404 200 200
  GET    /api/data_sources/{id}/account              | own account        | 401    401     200      200    200   200   200    | 200 200 200 | 403 403 403 403
  POST   /api/data_sources/{id}/account              | own account        | 401    401     201      201    201   201   201    | 403 201 201 | 403 403 403 403
  PUT    /api/data_sources/{id}/account              | own account        | 401    401     200      200    200   200   200    | 403 200 200 | 403 403 403 403
  DELETE /api/data_sources/{id}/account              | own account        | 401    401     404      200    200   404   200    | 404 404 404 | 403 403 403 403
  GET    /api/data_sources/{id}/members              | explore            | 401    401     403      200    200   200   200    | 200 200 200 | 403 403 403 403
  POST   /api/data_sources/{id}/members              | manage data source | 401    401     403      403    201   201   201    | 403 404 404 | 404 404 201 201
  PUT    /api/data_sources/{id}/members/{account_id} | manage data source | 401    401     403      403    200   200   200    | 403 200 200 | 404 404 200 200
  DELETE /api/data_sources/{id}/members/{account_id} | manage data source | 401    401     403      403    200   200   200    | 403 404 404 | 404 404 200 200
  POST   /api/data_sources/{id}/stop                 | logged in          | 401    401     202      202    202   202   202    | 202 202 202 | 404 404 202 202
  GET    /api/data_sources/{id}/databases            | explore            | 401    401     403      200    200   403   200    | 200 200 200 | 403 403 403 403
  GET    /api/data_sources/{id}/schemas              | explore            | 401    401     403      422    422   422   422    | 422 422 422 | 403 403 403 403
  GET    /api/data_sources/{id}/workspace_detail     | logged in          | 401    401     200      200    200   200   200    | 200 200 200 | 403 403 403 403
  GET    /api/databases/{id}                         | explore            | 401    401     403      200    200   200   200    | 200 200 200 | 403 403 403 403
  GET    /api/databases/{id}/schemas                 | explore            | 401    401     403      200    200   403   200    | 200 200 200 | 403 403 403 403
  GET    /api/schemas/{id}                           | explore            | 401    401     403      200    200   200   200    | 200 200 200 | 403 403 403 403
  GET    /api/schemas/{id}/datasets                  | explore            | 401    401     403      200    200   403   200    | 200 200 200 | 403 403 403 403
  GET    /api/datasets/{id}                          | explore            | 401    401     403      200    200   403   200    | 200 200 200 | 403 403 403 403
  GET    /api/datasets/{id}/columns                  | explore            | 401    401     403      200    200   403   200    | 200 200 200 | 403 403 403 403
  GET    /api/datasets/{id}/statistics               | explore            | 401    401     403      200    200   403   200    | 200 200 200 | 403 403 403 403
  POST   /api/datasets/{id}/previews                 | explore            | 401    401     403      201    201   403   201    | 201 201 201 | 403 403 403 403
  DELETE /api/datasets/{id}/previews/{check_id} # own   | logged in       | 401    401     200      200    200   200   200    | 200 200 200 | 200 200 200 200
  DELETE /api/datasets/{id}/previews/{check_id} # other | logged in       | 401    401     404      404    404   404   404    | 404 404 404 | 404 404 404 404
  GET    /api/hdfs_data_sources                      | logged in          | 401    401     200      -      200   200   -      | -   -   -   | 200 -   200 200
  POST   /api/hdfs_data_sources                      | logged in          | 401    401     201      -      201   201   -      | -   -   -   | -   -   -   -
  GET    /api/hdfs_data_sources/{id}                 | logged in          | 401    401     200      -      200   200   -      | -   -   -   | 404 -   200 200
  PUT    /api/hdfs_data_sources/{id}                 | manage data source | 401    401     403      -      200   200   -      | -   -   -   | 404 -   200 200
  DELETE /api/hdfs_data_sources/{id}                 | manage data source | 401    401     403      -      200   200   -      | -   -   -   | 404 -   200 200
`);
