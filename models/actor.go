package models

// ActorKind says what sort of caller acts.
type ActorKind string

// Kinds of actors.
const (
	ActorUser    ActorKind = "user"    // a person: root user, sub-user or operator
	ActorProduct ActorKind = "product" // a machine that submits
	ActorSystem  ActorKind = "system"  // Belfry itself: the command line, a worker
)

// Actor is who performs an operation, as proven by a session or an access key.
type Actor struct {
	Kind ActorKind
	// ID is the user's or the product's id.
	ID string
	// Name is for people: the operation log shows it.
	Name string
	// Account is the tenant that the actor belongs to; Platform for operators
	// and products.
	Account AccountID
	// KeyID or SessionID is the credential used; one of them is set.
	KeyID     string
	SessionID string
	// Bell is the inbox of a bell's token, "mine" or "account", for pages of BellOrigin until BellUntil, in Unix seconds.
	Bell, BellOrigin string
	BellUntil        int64
}

// IsPerson reports whether a person acts, whatever the credential.
func (a Actor) IsPerson() bool { return a.Kind == ActorUser }

// Credential names what proved the actor: the key's or the session's id.
func (a Actor) Credential() string {
	if a.KeyID != "" {
		return a.KeyID
	}
	return a.SessionID
}

// Origin is where a request came from; it goes into the operation log.
type Origin struct {
	IP        string // the socket peer, or what a trusted proxy vouches for
	UserAgent string
	RequestID string
}
