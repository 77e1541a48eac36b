/* actions.c - actions, with the role of the route that they call. */
#include "admin/actions.h"

#include <stdio.h>
#include <string.h>

#include "admin/routes.h"

json *action_new(const char *title, const char *method, const char *path)
{
    const struct route *route = NULL;
    char params[CALL_PARAMS][128], allow[64];
    OWN_TEXT char *plain = mem_printf("%.*s", (int)strcspn(path, "?"), path);
    json *action = json_new_object();
    json_set_text(action, "title", title);
    json_set_text(action, "method", method);
    json_set_text(action, "path", path);
    if (route_find(method, plain, &route, params, allow) == MATCH_ROUTE)
        json_set_text(action, "role", role_name(route->role));
    return action;
}

json *action_with(const char *title, const char *method, const char *path, json *body,
                  const char *command)
{
    json *action = action_new(title, method, path);
    if (body)
        json_set(action, "body", body);
    json_set_text(action, "command", command);
    return action;
}
