package models

// ContactGroup is a named set of contacts of an account. An empty group receives
// nothing.
type ContactGroup struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	// Name follows the rules of a contact's name.
	Name    string
	Version int64
	Timestamps
}

// ContactGroupMember says that a contact belongs to a group.
type ContactGroupMember struct {
	AccountID AccountID `gorm:"primaryKey"`
	GroupID   string    `gorm:"primaryKey"`
	ContactID string    `gorm:"primaryKey"`
}
