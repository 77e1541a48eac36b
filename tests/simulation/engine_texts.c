/* engine_texts.c - cjson.encode, cjson.decode and cmsgpack.unpack, as scripts see them. */
#include <json-c/json.h>
#include <math.h>
#include <msgpack.h>
#include <stdio.h>
#include <string.h>

#include "engine_inside.h"
#include "wire/json.h"

enum { DEPTH_MOST = 100 };

/* ---- decode ---- */

static void push_json(lua_State *lua, json *node, int depth)
{
    const char *name;
    json *child;
    luaL_checkstack(lua, 4, "JSON is nested too deeply");
    if (depth > DEPTH_MOST)
        luaL_error(lua, "Found too many nested data structures (%d)", depth);
    switch (json_object_get_type(node)) {
    case json_type_null:
        lua_pushlightuserdata(lua, NULL);
        break;
    case json_type_boolean:
        lua_pushboolean(lua, json_object_get_boolean(node));
        break;
    case json_type_int:
    case json_type_double:
        lua_pushnumber(lua, json_object_get_double(node));
        break;
    case json_type_string:
        lua_pushlstring(lua, json_object_get_string(node),
                        (size_t)json_object_get_string_len(node));
        break;
    case json_type_array:
        lua_newtable(lua);
        for (size_t i = 0; i < json_count(node); i++) {
            push_json(lua, json_at(node, i), depth + 1);
            lua_rawseti(lua, -2, (int)i + 1);
        }
        break;
    case json_type_object:
        lua_newtable(lua);
        JSON_EACH(name, child, node)
        {
            push_json(lua, child, depth + 1);
            lua_setfield(lua, -2, name);
        }
    }
}

static int decode(lua_State *lua)
{
    size_t size;
    const char *text = luaL_checklstring(lua, 1, &size);
    struct err err;
    json *tree = NULL;
    if (!json_parse(text, size, &tree, &err))
        return luaL_error(lua, "Expected value but found invalid token at character 1");
    push_json(lua, tree, 0); /* an error of Lua leaves the tree behind: the process is small */
    json_free(tree);
    return 1;
}

/* ---- encode ---- */

static void encode_text(struct buf *out, const char *text, size_t size)
{
    static const char SHORT[] = "\"\\/\b\f\n\r\t", LETTERS[] = "\"\\/bfnrt";
    buf_add(out, "\"", 1);
    size_t plain = 0; /* from here on nothing has been written yet */
    for (size_t i = 0; i < size; i++) {
        const char *found = text[i] ? strchr(SHORT, text[i]) : NULL;
        char escaped[8];
        if (found)
            snprintf(escaped, sizeof escaped, "\\%c", LETTERS[found - SHORT]);
        else if ((unsigned char)text[i] < 32 || text[i] == 127)
            snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned char)text[i]);
        else
            continue;
        buf_add(out, text + plain, i - plain);
        buf_add(out, escaped, strlen(escaped));
        plain = i + 1;
    }
    buf_add(out, text + plain, size - plain);
    buf_add(out, "\"", 1);
}

/* -1 = an object; a list has the keys 1 to n and no other. */
static int list_length(lua_State *lua)
{
    int most = 0, count = 0;
    lua_pushnil(lua);
    while (lua_next(lua, -2)) {
        lua_Number key = lua_type(lua, -2) == LUA_TNUMBER ? lua_tonumber(lua, -2) : 0;
        lua_pop(lua, 1);
        if (key < 1 || floor(key) != key) {
            lua_pop(lua, 1);
            return -1;
        }
        most = key > most ? (int)key : most;
        count++;
    }
    return count && most == count ? count : -1;
}

static void encode_value(lua_State *lua, struct buf *out, int depth);

static void encode_table(lua_State *lua, struct buf *out, int depth)
{
    const int length = list_length(lua);
    if (depth > DEPTH_MOST)
        luaL_error(lua, "Cannot serialise, excessive depth");
    buf_add(out, length < 0 ? "{" : "[", 1);
    for (int i = 1; i <= length; i++) {
        buf_add(out, ",", i > 1);
        lua_rawgeti(lua, -1, i);
        encode_value(lua, out, depth + 1);
        lua_pop(lua, 1);
    }
    bool comma = false;
    lua_pushnil(lua);
    while (length < 0 && lua_next(lua, -2)) {
        size_t size;
        lua_pushvalue(lua, -2); /* a copy: tolstring changes a number in its place */
        const char *name = lua_tolstring(lua, -1, &size);
        buf_add(out, ",", comma);
        encode_text(out, name, size);
        buf_add(out, ":", 1);
        lua_pop(lua, 1);
        encode_value(lua, out, depth + 1);
        lua_pop(lua, 1);
        comma = true;
    }
    if (length >= 0)
        lua_pop(lua, 1);
    buf_add(out, length < 0 ? "}" : "]", 1);
}

static void encode_value(lua_State *lua, struct buf *out, int depth)
{
    char number[40];
    size_t size;
    const char *text;
    switch (lua_type(lua, -1)) {
    case LUA_TSTRING:
        text = lua_tolstring(lua, -1, &size);
        encode_text(out, text, size);
        break;
    case LUA_TNUMBER:
        snprintf(number, sizeof number, "%.14g", lua_tonumber(lua, -1));
        buf_add(out, number, strlen(number));
        break;
    case LUA_TBOOLEAN:
        text = lua_toboolean(lua, -1) ? "true" : "false";
        buf_add(out, text, strlen(text));
        break;
    case LUA_TTABLE:
        luaL_checkstack(lua, 6, "a table is nested too deeply");
        encode_table(lua, out, depth);
        break;
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA:
        buf_add(out, "null", 4);
        break;
    default:
        luaL_error(lua, "Cannot serialise %s: type not supported", luaL_typename(lua, -1));
    }
}

static int encode(lua_State *lua)
{
    OWN_BUF struct buf out = {0};
    lua_settop(lua, 1);
    encode_value(lua, &out, 0);
    lua_pushlstring(lua, out.data, out.size);
    return 1;
}

/* ---- msgpack ---- */

static void push_packed(lua_State *lua, const msgpack_object *object, int depth)
{
    luaL_checkstack(lua, 4, "msgpack is nested too deeply");
    if (depth > DEPTH_MOST)
        luaL_error(lua, "msgpack is nested too deeply");
    switch (object->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        lua_pushboolean(lua, object->via.boolean);
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        lua_pushnumber(lua, (lua_Number)object->via.u64);
        break;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        lua_pushnumber(lua, (lua_Number)object->via.i64);
        break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        lua_pushnumber(lua, object->via.f64);
        break;
    case MSGPACK_OBJECT_STR:
        lua_pushlstring(lua, object->via.str.ptr, object->via.str.size);
        break;
    case MSGPACK_OBJECT_BIN:
        lua_pushlstring(lua, object->via.bin.ptr, object->via.bin.size);
        break;
    case MSGPACK_OBJECT_ARRAY:
        lua_createtable(lua, (int)object->via.array.size, 0);
        for (uint32_t i = 0; i < object->via.array.size; i++) {
            push_packed(lua, &object->via.array.ptr[i], depth + 1);
            lua_rawseti(lua, -2, (int)i + 1);
        }
        break;
    case MSGPACK_OBJECT_MAP:
        lua_newtable(lua);
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            push_packed(lua, &object->via.map.ptr[i].key, depth + 1);
            push_packed(lua, &object->via.map.ptr[i].val, depth + 1);
            lua_rawset(lua, -3);
        }
        break;
    default:
        lua_pushnil(lua);
    }
}

static int unpack(lua_State *lua)
{
    size_t size;
    const char *bytes = luaL_checklstring(lua, 1, &size);
    msgpack_unpacked one;
    msgpack_unpacked_init(&one);
    if (msgpack_unpack_next(&one, bytes, size, NULL) != MSGPACK_UNPACK_SUCCESS) {
        msgpack_unpacked_destroy(&one);
        return luaL_error(lua, "Bad data format in input.");
    }
    push_packed(lua, &one.data, 0);
    msgpack_unpacked_destroy(&one);
    return 1;
}

void engine_open_texts(lua_State *lua)
{
    static const luaL_Reg JSON[] = {
        {"encode", encode},
        {"decode", decode},
        {NULL,     NULL  }
    };
    static const luaL_Reg PACK[] = {
        {"unpack", unpack},
        {NULL,     NULL  }
    };
    luaL_register(lua, "cjson", JSON);
    lua_pushlightuserdata(lua, NULL);
    lua_setfield(lua, -2, "null");
    luaL_register(lua, "cmsgpack", PACK);
    lua_pop(lua, 2);
}
