package models

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

// Actor is the user as somebody who acts.
func (u User) Actor() Actor {
	return Actor{Kind: ActorUser, ID: u.ID, Name: u.Name, Account: u.AccountID}
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
