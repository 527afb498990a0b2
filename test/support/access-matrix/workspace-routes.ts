import { readTable } from './table.js';

/**
 * Routes below a workspace (chorus-api.md 4.3; of archived ones entities.md 11.4). `stranger` is no member and the
 * workspace is public, `hidden` is no member and it is private; for all others it is private. `expired` had the session
 * of an administrator. An administrator is no member. 422 says ARCHIVED: nothing is begun there, whoever asks.
 */
export const WORKSPACE_ROUTES = readTable(`
  route                                                    | rule             | nobody expired stranger hidden member owner admin | archived: stranger member owner admin
  GET    /api/workspaces/{id}                              | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  PUT    /api/workspaces/{id} # name and summary           | update workspace | 401    401     403      403    200    200   200   | 403 403 200 200
  PUT    /api/workspaces/{id} # anything else              | update workspace | 401    401     403      403    403    200   200   | 403 403 200 200
  PUT    /api/workspaces/{id} # archive                    | update workspace | 401    401     403      403    403    200   200   | -   -   -   -
  PUT    /api/workspaces/{id} # unarchive                  | update workspace | -      -       -        -      -      -     -     | 403 403 200 200
  PUT    /api/workspaces/{id} # hand over                  | update workspace | 401    401     403      403    403    200   200   | 403 403 200 200
  DELETE /api/workspaces/{id}                              | manage workspace | 401    401     403      403    403    200   200   | 403 403 200 200
  GET    /api/workspaces/{id}/members                      | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  POST   /api/workspaces/{id}/members                      | manage members   | 401    401     403      403    403    200   200   | 403 403 200 200
  POST   /api/workspaces/{id}/members # project manager    | manage members   | -      -       -        -      200    -     -     | -   403 -   -
  GET    /api/workspaces/{id}/image                        | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  POST   /api/workspaces/{id}/image                        | manage workspace | 401    401     403      403    403    200   200   | 403 403 200 200
  POST   /api/workspaces/{id}/sandbox                      | manage workspace | 401    401     403      403    403    201   201   | 403 403 422 422
  DELETE /api/workspaces/{id}/quickstart                   | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  POST   /api/workspaces/{id}/stop                         | edit             | 401    401     403      403    202    202   202   | 403 403 403 202
  GET    /api/workspaces/{workspace_id}/datasets           | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  POST   /api/workspaces/{workspace_id}/datasets           | edit             | 401    401     403      403    201    201   201   | 403 422 422 422
  DELETE /api/workspaces/{workspace_id}/datasets           | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  DELETE /api/workspaces/{workspace_id}/datasets/{id}      | edit             | 401    401     403      403    200    200   200   | 403 403 403 200

  GET    /api/workspaces/{workspace_id}/workfiles          | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  POST   /api/workspaces/{workspace_id}/workfiles          | edit             | 401    401     403      403    201    201   201   | 403 403 403 201
  POST   /api/workspaces/{workspace_id}/workfiles # flow   | edit             | 401    401     403      403    201    201   201   | 403 403 403 422
  DELETE /api/workspaces/{workspace_id}/workfiles          | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  GET    /api/workfiles/{id}                               | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  GET    /api/workfiles/{id} # published touchpoint        | see              | 401    401     200      200    200    200   200   | 200 200 200 200
  PUT    /api/workfiles/{id}                               | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  DELETE /api/workfiles/{id}                               | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  POST   /api/workfiles/{id}/copy                          | edit             | 401    401     403      403    201    201   201   | 403 403 403 201
  POST   /api/workfiles/{id}/copy # into one's own         | edit             | 401    401     201      403    201    201   201   | 201 201 201 201
  GET    /api/workfiles/{id}/download                      | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  GET    /workfile_versions/{version_id}/image             | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  GET    /api/workfile_versions/{version_id}/image         | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  GET    /api/workfiles/{id}/image.svg                     | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  GET    /api/workfiles/{id}/draft                         | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  POST   /api/workfiles/{id}/draft                         | edit             | 401    401     403      403    201    201   201   | 403 403 403 201
  PUT    /api/workfiles/{id}/draft                         | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  DELETE /api/workfiles/{id}/draft                         | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  POST   /api/workfiles/{id}/results                       | edit             | 401    401     403      403    201    201   201   | 403 403 403 201
  GET    /api/workfiles/{id}/versions                      | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  POST   /api/workfiles/{id}/versions                      | edit             | 401    401     403      403    201    201   201   | 403 403 403 201
  GET    /api/workfiles/{id}/versions/{version_id}         | see              | 401    401     200      403    200    200   200   | 200 200 200 200
  PUT    /api/workfiles/{id}/versions/{version_id}         | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  DELETE /api/workfiles/{id}/versions/{version_id}         | edit             | 401    401     403      403    200    200   200   | 403 403 403 200
  POST   /api/workfiles/{id}/executions                    | edit and account | 401    401     403      403    200    200   200   | 403 422 422 422
  POST   /api/workfiles/{id}/executions # no account       | edit and account | -      -       -        -      403    403   403   | -   -   -   -
  DELETE /api/workfiles/{id}/executions/{check_id} # own   | logged in        | 401    401     200      200    200    200   200   | 200 200 200 200
  DELETE /api/workfiles/{id}/executions/{check_id} # other | logged in        | 401    401     404      404    404    404   404   | 404 404 404 404
  POST   /api/workfiles/{id}/run                           | edit             | 401    401     403      403    202    202   202   | 403 403 403 422
  POST   /api/workfiles/{id}/run # no account              | edit             | -      -       -        -      403    403   403   | -   -   -   403
  POST   /api/workfiles/{id}/stop                          | edit             | 401    401     403      403    202    202   202   | 403 403 403 202
  POST   /api/workfiles/{id}/stop # touchpoint             | edit             | 401    401     202      403    202    202   202   | 202 403 403 202
  POST   /api/workfiles/{id}/stop # published touchpoint   | edit             | 401    401     202      202    202    202   202   | 202 202 202 202
  GET    /api/workfiles/{id}/runs                          | see              | 401    401     200      403    200    200   200   | 200 200 200 200
`);

/** Routes of runs, the engine's own API (engine-api.md 2 and 5), and addresses of pictures: the same columns. */
export const RUN_ROUTES = readTable(`
  route                                                                       | rule | nobody expired stranger hidden  member owner admin          | archived: stranger member owner admin
  GET  /api/runs/{id}                                                         | see  | 401    401     200      403     200    200   200            | 200 200 200 200
  GET  /api/runs/{id}/results                                                 | see  | 401    401     200      403     200    200   200            | 200 200 200 200
  GET  /api/runs/{id}/exports                                                 | see  | 401    401     200      403     200    200   200            | 200 200 200 200
  GET  /api/runs/{id}/exports/{position}                                      | see  | 401    401     200      403     200    200   200            | 200 200 200 200
  GET  /api/runs/{id}/events                                                  | see  | 401    401     200      403     200    200   200            | 200 200 200 200
  GET  /api/runs/{id}/image.svg                                               | see  | 401    401     200      403     200    200   200            | 200 200 200 200
  POST /alpinedatalabs/api/v1/json/workflows/{workflowId}/run                 | edit | 401    401     403      403     200    200   200            | 403 403 403 422
  GET  /alpinedatalabs/api/v1/json/processes/{processId}/query                | see  | 401    401     200      unknown 200    200   200            | 200 200 200 200
  POST /alpinedatalabs/api/v1/json/processes/{processId}/stop                 | edit | 401    401     403      403     200    200   200            | 403 403 403 200
  GET  /alpinedatalabs/api/v1/json/workflows/{workflowId}/results/{processId} | see  | 401    401     200      403     200    200   200            | 200 200 200 200
  GET  /paperclip/workspaces/images/{a}/{b}/{c}/{style}/{fileName}            | see  | 401    401     200      403     200    200   200            | 200 200 200 200
  POST /alpinedatalabs/main/chorus.do # runWorkFlow                           | edit | 401    401     403      403     200    200   200            | 403 403 403 422
  POST /alpinedatalabs/main/chorus.do # stopWorkFlow                          | edit | 401    401     403      403     200    200   200            | 403 403 403 200
  POST /alpinedatalabs/main/chorus.do # checkWorkFlowRunning                  | edit | 401    401     200      unknown 200    200   200            | 200 200 200 200
`);
