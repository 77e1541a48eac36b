/* redis_access.h - options that go with the address of Redis. */
#ifndef CARTAGE_REDIS_ACCESS_H
#define CARTAGE_REDIS_ACCESS_H

/* How Redis lets us in, where its address does not say it; texts, "" = not needed. */
struct redis_access {
    const char *user;          /* REDIS_USER */
    const char *password_file; /* REDIS_PASSWORD_FILE, read anew at each connection */
    const char *ca_file;   /* REDIS_CA_FILE, PEM: who signs its certificate; "" = the system's */
    const char *cert_file; /* REDIS_CERT_FILE, PEM: who we are, where it asks */
    const char *key_file;  /* REDIS_KEY_FILE, PEM */
};

#endif
