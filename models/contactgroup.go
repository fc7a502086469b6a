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

// Position is an entry of the list of positions that contacts can have; operators
// edit the list.
type Position struct {
	Key string `gorm:"primaryKey"`
	// Place orders the list, lowest first.
	Place int
	// Names are by locale; every locale is present.
	Names map[Locale]string `gorm:"serializer:json"`
}
