"""Two loopback web servers that speak Salesforce's and WHMCS's wire protocols over invented data.

Imports nothing of the console but `console.paths`, so that it cannot share a mistake with the clients that it checks.
"""
