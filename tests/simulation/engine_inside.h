/* engine_inside.h - Lua's libraries that Redis adds. */
#ifndef CARTAGE_SIMULATION_ENGINE_INSIDE_H
#define CARTAGE_SIMULATION_ENGINE_INSIDE_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

void engine_open_texts(lua_State *lua); /* cjson and cmsgpack: the functions that scripts use */

#endif
