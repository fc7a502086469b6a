package models

import "time"

// Account is a tenant.
type Account struct {
	ID AccountID `gorm:"primaryKey"`
	// Alias is what people type to sign in: 3–32 of a–z, 0–9 and "-", unique.
	Alias string
	Name  string
	// Language is the account's locale: "zh-CN" or "en-US".
	Language string
	// TimeZone is an IANA name.
	TimeZone string
	Enabled  bool
	// MaxContacts, MaxGroups and MaxBots limit what the account may have; the
	// account contact does not count.
	MaxContacts int
	MaxGroups   int
	MaxBots     int
	// InboxPerResource keeps one message for each resource in the account's inbox
	// where one reminder tells of several.
	InboxPerResource bool
	Version          int64
	Timestamps
}

// Limits of an account unless an operator says otherwise. Source: product rules,
// contacts.
const (
	DefaultMaxContacts = 20
	DefaultMaxGroups   = 12
	DefaultMaxBots     = 20
)

// UserKind says what a user is.
type UserKind string

// Kinds of users.
const (
	UserRoot     UserKind = "root"     // owner of an account, exactly one
	UserSub      UserKind = "sub"      // holds what was granted
	UserOperator UserKind = "operator" // under the Platform account
)

// User is a person who signs in.
type User struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	Kind      UserKind
	// Name is the sign-in name, unique in the account: 3–64 of a–z, 0–9 and "._@-".
	Name        string
	DisplayName string
	// PasswordHash is an argon2id string in PHC form.
	PasswordHash string `json:"-"`
	// Language is a locale; "" means the account's.
	Language string
	Popups   bool
	Enabled  bool
	Version  int64
	Timestamps
}

// Role is a role that a grant or a user's kind confers.
type Role string

// Roles. The first two are what root may grant to sub-users.
const (
	RoleReadOnly        Role = "MessageCenterReadOnly"
	RoleFullAccess      Role = "MessageCenterFullAccess"
	RoleRoot            Role = "Root"
	RoleMember          Role = "Member" // everybody who signs in: own profile, personal inbox
	RoleOperatorAdmin   Role = "OperatorAdmin"
	RoleOperatorAuditor Role = "OperatorAuditor"
	RoleProduct         Role = "Product"
)

// Grant gives a user a role in the user's account until it expires.
type Grant struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	UserID    string
	Role      Role
	// ExpiresAt is nil for a grant without an end.
	ExpiresAt *time.Time
	CreatedBy string
	CreatedAt time.Time
}

// Product is a machine client that submits notifications.
type Product struct {
	ID string `gorm:"primaryKey"`
	// Name is unique: 3–32 of a–z, 0–9 and "-".
	Name        string
	DisplayName string
	// Types are the message types it may submit: keys ("account.low_balance"),
	// "category.*", or "*".
	Types []string `gorm:"serializer:json"`
	// Accounts are the accounts it may address: ids, or "*".
	Accounts []string `gorm:"serializer:json"`
	Enabled  bool
	Version  int64
	Timestamps
}

// Every is the pattern that matches every type or account.
const Every = "*"

// MaySubmit reports whether the product may submit the message type for the account.
func (p Product) MaySubmit(key string, account AccountID) bool {
	return p.Enabled && p.MayAddress(account) && p.MayUse(key)
}

// MayAddress reports whether the product may submit for the account.
func (p Product) MayAddress(account AccountID) bool {
	for _, a := range p.Accounts {
		if a == Every || AccountID(a) == account {
			return true
		}
	}
	return false
}

// MayUse reports whether the product may submit the message type.
func (p Product) MayUse(key string) bool {
	category := CategoryOf(key)
	for _, t := range p.Types {
		if t == Every || t == key || t == category+".*" {
			return true
		}
	}
	return false
}

// AccessKey is a machine's credential, of a product or of a user. The secret is
// shown once; only its SHA-256 is stored.
type AccessKey struct {
	ID string `gorm:"primaryKey"`
	// AccountID is the owner's account; Platform for products.
	AccountID AccountID
	OwnerKind ActorKind
	OwnerID   string
	Name      string
	// Hash is the SHA-256 of the secret: 32 bytes.
	Hash      []byte `json:"-"`
	CreatedAt time.Time
	// ExpiresAt is nil for a key without an end.
	ExpiresAt *time.Time
	// RotatedAt is when another key took its place: it ends with the overlap.
	RotatedAt  *time.Time
	RevokedAt  *time.Time
	LastUsedAt *time.Time
}

// Usable reports whether the key may sign in at now.
func (k AccessKey) Usable(now time.Time) bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || now.Before(*k.ExpiresAt))
}

// Session is a person's sign-in. The token is opaque; only its SHA-256 is stored.
type Session struct {
	ID         string `gorm:"primaryKey"`
	AccountID  AccountID
	UserID     string
	Hash       []byte `json:"-"`
	IP         string
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	RevokedAt  *time.Time
}

// Live reports whether the session still signs its user in at now.
func (s Session) Live(now time.Time) bool {
	return s.RevokedAt == nil && now.Before(s.ExpiresAt)
}

// Live reports whether the grant still counts at now.
func (g Grant) Live(now time.Time) bool {
	return g.ExpiresAt == nil || now.Before(*g.ExpiresAt)
}

// Roles lists what the kind confers by itself.
func (k UserKind) Roles() []Role {
	if k == UserRoot {
		return []Role{RoleRoot, RoleMember}
	}
	return []Role{RoleMember}
}

// Grantable lists the roles that a user of the kind can be granted; others do
// not count even where a grant exists.
func (k UserKind) Grantable() []Role {
	switch k {
	case UserSub:
		return []Role{RoleReadOnly, RoleFullAccess}
	case UserOperator:
		return []Role{RoleOperatorAdmin, RoleOperatorAuditor}
	}
	return nil
}

// MayHold reports whether the role is one that the kind can be granted.
func (k UserKind) MayHold(role Role) bool {
	for _, each := range k.Grantable() {
		if each == role {
			return true
		}
	}
	return false
}
