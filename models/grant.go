package models

import "time"

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

// Live reports whether the grant still counts at now.
func (g Grant) Live(now time.Time) bool {
	return g.ExpiresAt == nil || now.Before(*g.ExpiresAt)
}
