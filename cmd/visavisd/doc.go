// Command visavisd is the server: it makes the organisation's state folder, serves it to the enrolled desks, and invites and revokes
// desks in an emergency.
//
//	visavisd init   --state DIR --name ORGANISATION --address HOST:PORT [--listen ADDRESS]
//	visavisd serve  --state DIR
//	visavisd device invite --state DIR
//	visavisd device list   --state DIR
//	visavisd device revoke --state DIR ID
//	visavisd keys rotate   --state DIR [--drop]
//
// The state folder (mode 0700) holds config.toml, the certificate authority (ca.pem), the server's key and certificate (server.pem), the
// keys of the face templates (templates.key), the password secrets (opaque.key) and the database (visavis.db), each with mode 0600. A
// backup without all of them is none. Nothing is read from or written to anywhere else.
package main
