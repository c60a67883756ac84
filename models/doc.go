// Package models holds the records that Visavis keeps, the interfaces of the store that keeps them, and its errors.
package models
